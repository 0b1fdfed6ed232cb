/** Completes a form with what the browser's passkeys answer. Where there are none, the page's own sentence stays. */
const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Returns the options as the browser takes them: what came as text is bytes. */
function readOptions(options) {
  const list = (items) => (items ?? []).map((item) => ({ ...item, id: toBytes(item.id) }));
  const read = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = list(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = list(options.allowCredentials);
  return read;
}

/** Returns the browser's answer as JSON, the way WebAuthn Level 3 writes it. */
function writeAnswer(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const written = Object.fromEntries(parts.filter((part) => response[part]).map((part) => [part, toText(response[part])]));
  return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response: written });
}

const words = { NotAllowedError: "cancelled", InvalidStateError: "known", SecurityError: "place" };

async function ask(form) {
  const says = form.querySelector(".says");
  const button = form.querySelector("button");
  says.textContent = form.dataset.waiting;
  button.disabled = true;
  try {
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    const body = JSON.stringify({ user_name: form.elements.user_name?.value }); // of an account that is being made
    const answer = await fetch(form.dataset.options, { method: "POST", headers, body });
    const options = await answer.json();
    if (!answer.ok) {
      if (options.type?.endsWith(":proof_required")) location.assign(`/tai-khoan/xac-minh?tiep=${encodeURIComponent(location.pathname)}`);
      says.textContent = options.detail ?? form.dataset.failed;
      return;
    }
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey: readOptions(options) });
    form.elements.passkey.value = writeAnswer(credential);
    form.submit();
  } catch (error) {
    says.textContent = form.dataset[words[error.name] ?? "failed"];
  } finally {
    button.disabled = false;
  }
}

if (window.PublicKeyCredential && navigator.credentials && window.isSecureContext) {
  for (const sentence of document.querySelectorAll("[data-no-passkeys]")) sentence.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.reportValidity()) ask(form);
    });
    if ("starts" in form.dataset) ask(form);
  }
}
