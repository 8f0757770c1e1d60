"""The same template with other parameters."""

from infra.template import Template


def variant(template: Template, **parameters: str) -> Template:
    """The template as it stands, with some of its parameters given."""
    given = {name: str(template.values[name]) for name in template.document["Parameters"]}
    return Template(template.document, template.folder, given | parameters)
