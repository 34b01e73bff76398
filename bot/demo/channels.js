// The menu of channels, threads and forum posts. SimCord's page shows one channel only, and does not open threads.
const picker = document.getElementById("channel-picker");
let shown = "";

async function ask(query) {
  const context = window.simcordPreview?.contextId;
  if (!context) return;
  const headers = { "X-Simcord-Capability": window.location.hash.slice(1), "X-Simcord-Context": context };
  const response = await fetch(`/channels${query}`, { headers, cache: "no-store" });
  if (!response.ok) return;
  const answer = await response.text();
  // An open menu would close if its options were replaced by the same ones.
  if (answer === shown) return;
  shown = answer;
  picker.replaceChildren(
    ...JSON.parse(answer).map((one) => {
      const option = new Option(one.label, one.id, one.isOpen, one.isOpen);
      option.disabled = !one.canOpen;
      return option;
    }),
  );
}

async function keepUpToDate() {
  // Without a connection, the page says so itself.
  await ask("").catch(() => undefined);
  window.setTimeout(keepUpToDate, 500);
}

picker.addEventListener("change", () => ask(`?open=${picker.value}`));
document.addEventListener("click", (event) => {
  const thread = event.target instanceof Element ? event.target.closest(".thread-summary") : null;
  // A thread has the id of the message that it is under.
  const message = thread?.closest("[data-message-id]");
  if (message instanceof HTMLElement) ask(`?open=${message.dataset.messageId}`);
});
keepUpToDate();
