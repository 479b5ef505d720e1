// Passkeys: asks the browser for a credential and sends it with the form that stands around the button.
// A form says what it wants by data-passkey: "login" (options by fetch), "get" or "create" (options in the page).
// A passkey belongs to a name: on an address of numbers (127.0.0.1) no browser makes one.
const supported = window.PublicKeyCredential
  && !/^[\d.]+$|^\[/.test(location.hostname)
  && typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function"
  && typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function";

async function readOptions(form) {
  if (form.dataset.options) {
    const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`options: ${answer.status}`);
    return (await answer.json()).request_options;
  }
  const data = JSON.parse(document.getElementById("passkey-options").textContent);
  return data.creation_options || data.request_options;
}

async function createCredential(form, options) {
  const passwordless = Boolean(form.elements.passwordless?.checked);
  const choice = options.publicKey.authenticatorSelection;
  choice.residentKey = passwordless ? "required" : "discouraged";
  choice.requireResidentKey = passwordless;
  if (passwordless) choice.userVerification = "required";
  return navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey),
  });
}

async function getCredential(options) {
  return navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey),
  });
}

async function use(form) {
  const options = await readOptions(form);
  const credential = form.dataset.passkey === "create"
    ? await createCredential(form, options)
    : await getCredential(options);
  form.elements.credential.value = JSON.stringify(credential.toJSON());
  form.submit();
}

for (const note of document.querySelectorAll("[data-passkey-missing]")) note.hidden = supported;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!supported) continue; // the form stays hidden; the page says what to do instead
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    const problem = form.querySelector("[data-passkey-error]");
    button.setAttribute("aria-busy", "true");
    if (problem) problem.hidden = true;
    use(form).catch(() => {
      button.removeAttribute("aria-busy");
      if (problem) problem.hidden = false;
    });
  });
}
