// Proof of work instead of a captcha: begins when somebody begins to write, in a worker, so that typing stays smooth.
// A form sent before it is ready waits for it; without this module the post waits for a moderator instead.
for (const form of document.querySelectorAll("form:has([data-work])")) watch(form);

function watch(form) {
  const answer = form.querySelector("[data-work]");
  const challenge = form.querySelector("[name=work_challenge]");
  let solved = null;
  const begin = () => { solved ??= solve(answer.dataset.work, challenge.value).then((number) => { answer.value = number; }, () => {}); };
  form.addEventListener("focusin", begin, { once: true });
  form.addEventListener("submit", (event) => {
    const { submitter } = event;
    if (answer.value || form.dataset.working !== undefined || submitter?.hasAttribute("formnovalidate")) return;
    event.preventDefault();
    form.dataset.working = "";
    begin();
    submitter?.setAttribute("aria-busy", "true");
    solved.finally(() => {
      submitter?.removeAttribute("aria-busy");
      form.requestSubmit(submitter);
      delete form.dataset.working;
    });
  });
  addEventListener("pageshow", (event) => { // back from the next page: the challenge may be used up, the form still there
    if (event.persisted) { answer.value = ""; solved = null; }
  });
}

function solve(address, challenge) {
  return new Promise((done, failed) => {
    const worker = new Worker(address, { type: "module" });
    worker.addEventListener("message", ({ data }) => { worker.terminate(); done(data); });
    worker.addEventListener("error", () => { worker.terminate(); failed(new Error("worker")); });
    worker.postMessage(challenge);
  });
}
