"""The advisor's proposal: from what is proposed to what can be executed, what it comes to, and who must look at it (RFC-0014)."""
