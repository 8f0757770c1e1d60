"""The same template with other parameters."""

from infra.template import Template


def variant(template: Template, **parameters: str) -> Template:
    """The template as it stands, with some of its parameters given."""
    values = {name: template.values[name] for name in template.document["Parameters"]}
    given = {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in values.items()}
    return Template(template.document, template.folder, given | parameters)
