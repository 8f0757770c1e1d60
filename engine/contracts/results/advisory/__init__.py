"""What the result and the artifact of a proposal say, member by member (advisory-engine 15, 16)."""
