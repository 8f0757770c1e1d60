// Draws the API's document. Addresses are taken from where this page stands, so that a stage or a mapped path before it does no harm.

const root = new URL(".", location.href);
const place = document.querySelector("#docs");

async function fetched() {
  const answer = await fetch(new URL("openapi.json", root));
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
  return answer.json();
}

// The viewer fills every field with its example. What may be left out stays empty: a call that is tried out sends what somebody typed.
function emptied(spec) {
  const operations = Object.values(spec.paths).flatMap((item) => Object.values(item));
  for (const parameter of operations.flatMap((operation) => operation.parameters ?? [])) {
    if (parameter.required || parameter.example === undefined) continue;
    parameter.description = `${parameter.description} Example: \`${parameter.example}\``;
    delete parameter.example;
  }
  return spec;
}

function drawn(spec) {
  spec.servers = [{ url: root.href.replace(/\/$/, "") }];
  place.replaceChildren();
  globalThis.SwaggerUIBundle({
    spec: emptied(spec),
    domNode: place,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: true,
    persistAuthorization: false, // a token stays in this page and is gone with it
    validatorUrl: null,
    onComplete: () => place.removeAttribute("aria-busy"),
  });
}

fetched().then(drawn, (error) => {
  place.removeAttribute("aria-busy");
  place.firstElementChild.textContent = `The document cannot be shown: ${error.message}`;
});
