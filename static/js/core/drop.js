// A file zone says which file was chosen and shows that a file hovers above it. The real file input does the rest.
// A form marked data-upload shows how far its upload is; without this module the browser sends it as any other form.
for (const zone of document.querySelectorAll(".drop")) watch(zone);
for (const form of document.querySelectorAll("form[data-upload]")) follow(form);

function watch(zone) {
  const input = zone.querySelector("input[type=file]");
  if (!input) return;
  const name = zone.querySelector("[data-drop-name]");
  const over = (on) => zone.toggleAttribute("data-over", on);
  zone.addEventListener("dragenter", () => over(true));
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) over(false);
  });
  zone.addEventListener("drop", () => over(false));
  input.addEventListener("change", () => {
    if (name && input.files.length) name.textContent = [...input.files].map((file) => file.name).join(", ");
  });
}

function follow(form) {
  const input = form.querySelector("input[type=file]");
  const line = form.querySelector("[data-upload-line]");
  const button = form.querySelector("button[type=submit]");
  if (!input || !line || !button) return;
  const ready = () => { button.disabled = input.files.length === 0; };
  input.addEventListener("change", ready);
  ready();
  form.addEventListener("submit", (event) => {
    const file = input.files[0];
    if (!file) return;
    event.preventDefault();
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
    form.querySelector('.file[data-state="error"]')?.remove();
    line.querySelector("[data-upload-name]").textContent = file.name;
    line.querySelector("[data-upload-size]").textContent = `${Math.max(1, Math.round(file.size / 1000))} kB`;
    line.hidden = false;
    send(form, line).then((request) => show(request, form.action), () => { // the network failed: the browser itself shows what is wrong
      form.removeAttribute("data-upload");
      form.submit();
    });
  });
}

function send(form, line) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const percent = Math.round((event.loaded / event.total) * 100);
      line.querySelector("progress").value = percent;
      line.querySelector("[data-upload-percent]").textContent = `${percent}%`;
    });
    request.addEventListener("load", () => done(request));
    request.addEventListener("error", failed);
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
}

function show(request, action) {
  if (request.status < 400 && request.responseURL !== action) {
    location.assign(request.responseURL); // the page that the upload led to
    return;
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const fresh = page.querySelector("#main");
  if (!fresh) {
    location.reload();
    return;
  }
  document.title = page.title;
  document.querySelector("#main").replaceWith(fresh);
  fresh.querySelectorAll(".drop").forEach(watch);
  fresh.querySelectorAll("form[data-upload]").forEach(follow);
  fresh.querySelector('[role="alert"]')?.focus();
}
