// The page works without this: it adds the theme switch, copy buttons, pictures
// at their actual size on a click, and the height of sandboxed frames.
(() => {
  "use strict";
  const root = document.documentElement;

  const toggle = document.querySelector(".theme-toggle");
  if (toggle) {
    const remembered = () => { try { return localStorage.getItem("verso-theme"); } catch { return null; } };
    const remember = (theme) => { try { localStorage.setItem("verso-theme", theme); } catch { /* a page from a file may have no storage */ } };
    const shown = () => root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    const chosen = remembered();
    if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      root.dataset.theme = shown() === "dark" ? "light" : "dark";
      remember(root.dataset.theme);
    });
  }

  for (const bar of document.querySelectorAll(".source .bar")) {
    if (!navigator.clipboard) break;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(bar.parentElement.querySelector("pre").textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    bar.insertBefore(button, bar.querySelector(".anchor"));
  }

  for (const picture of document.querySelectorAll("img.verso-picture, img.verso-svg")) {
    const fit = () => picture.classList.toggle("reduced", picture.naturalWidth > picture.parentElement.clientWidth * 1.15);
    if (picture.complete) fit(); else picture.addEventListener("load", fit);
    picture.addEventListener("click", () => {
      if (picture.matches(".reduced, .actual")) picture.classList.toggle("actual");
    });
  }

  const contents = document.querySelector(".contents details");
  if (contents && matchMedia("(max-width: 70rem)").matches) contents.open = false;

  const frames = [...document.querySelectorAll("iframe.verso-frame")];
  addEventListener("message", (event) => {
    const frame = frames.find((one) => one.contentWindow === event.source);
    const height = event.data && event.data.versoFrameHeight;
    if (frame && Number.isFinite(height)) frame.style.height = `${Math.min(Math.max(height, 24), 20000)}px`;
  });
  // A frame that was faster than this script has said its height to nobody.
  for (const frame of frames) frame.contentWindow.postMessage({ versoAsksHeight: true }, "*");
})();
