// Small pictures that open in place: arrows go through them, Escape closes, the browser returns the focus.
import { createElement as h, useRef, useState } from "react";
import { fill, sign } from "./common.js";

export function PhotoViewer({ photos, words }) {
  const box = useRef(null);
  const [at, setAt] = useState(-1);
  const open = (index) => {
    setAt(index);
    if (!box.current.open) box.current.showModal();
  };
  const step = (by) => setAt((now) => (now + by + photos.length) % photos.length);
  const onKeyDown = (event) => {
    if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else return;
    event.preventDefault();
  };
  const label = (index) => fill(words.photo, { n: index + 1, all: photos.length });
  return h("div", null,
    h("ul", { className: "photos" }, photos.map((file, index) => h("li", { key: file },
      h("button", { type: "button", "aria-label": label(index), "aria-haspopup": "dialog", onClick: () => open(index) },
        h("img", { src: `/tep/${file}?nho=1`, width: 92, height: 92, loading: "lazy", alt: "" }))))),
    h("dialog", { ref: box, className: "dialog viewer", "aria-label": words.title, onKeyDown, onClose: () => setAt(-1) },
      at < 0 ? null : [
        h("div", { key: "head", className: "dialog-head" },
          h("b", { role: "status" }, label(at)),
          h("button", { type: "button", className: "btn quiet small", "aria-label": words.close, onClick: () => box.current.close() }, sign("cross"))),
        h("img", { key: "photo", src: `/tep/${photos[at]}`, alt: label(at) }),
        photos.length > 1 ? h("div", { key: "ways", className: "actions" },
          h("button", { type: "button", className: "btn outline small", onClick: () => step(-1) }, words.previous),
          h("button", { type: "button", className: "btn outline small", onClick: () => step(1) }, words.next)) : null,
      ]));
}
