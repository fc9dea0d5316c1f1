// Inside a sandboxed frame: tells the page how high the content is, whenever it changes or the page asks.
(() => {
  "use strict";
  let told = 0;
  const tell = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (Math.abs(height - told) > 1) { told = height; parent.postMessage({ versoFrameHeight: height }, "*"); }
  };
  new ResizeObserver(tell).observe(document.documentElement);
  addEventListener("load", tell);
  addEventListener("message", (event) => {
    if (event.source === parent && event.data && event.data.versoAsksHeight) { told = 0; tell(); }
  });
  tell();
})();
