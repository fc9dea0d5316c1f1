// Draws every diagram of its document; one that can't be drawn stays as text, with the reason below it.
document.addEventListener("DOMContentLoaded", async () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict", theme: dark ? "dark" : "default" });
  let count = 0;
  for (const place of document.querySelectorAll("pre.mermaid")) {
    const text = place.textContent;
    try {
      const { svg } = await mermaid.render(`mermaid-${(count += 1)}`, text);
      const drawn = document.createElement("div");
      drawn.className = "mermaid-drawn";
      drawn.innerHTML = svg;
      place.replaceWith(drawn);
    } catch (error) {
      document.querySelectorAll('[id^="dmermaid-"]').forEach((left) => left.remove());
      const reason = document.createElement("pre");
      reason.textContent = String(error.message ?? error);
      place.after(reason);
    }
  }
});
