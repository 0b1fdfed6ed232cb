// Choosing photos: five at most, shown, made smaller on the device (which also drops where they were taken), removable.
import { createElement as h, useContext, useEffect, useRef, useState } from "react";
import { fill, sign } from "../common.js";
import { FormContext } from "./context.js";

const LONGEST = 2048; // px of the longer side
const QUALITY = 0.85;
const MB = 1024 * 1024;
const LOOKS_LIKE_PHOTO = /\.(jpe?g|png|webp|hei[cf])$/i;
const ALL_CAN_DRAW = /\.(jpe?g|png|webp)$/i; // what any browser of today can draw, if it is one

/** A JPEG of at most 2048 px; the file itself where the browser cannot read or draw it (the server looks at it anyway). */
export async function shrink(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff"; // under what is see-through
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (blob) return { name: file.name.replace(/\.\w+$/, "") + ".jpg", blob };
  } catch {
    // below
  }
  return { name: file.name, blob: file, unread: typeof createImageBitmap === "function" };
}

export function PhotoField({ name, max, maxMb, label, hint, optional, words }) {
  const outbox = useContext(FormContext);
  const input = useRef(null);
  const [photos, setPhotos] = useState([]); // {name, blob, url}
  const [said, setSaid] = useState("");
  const [problems, setProblems] = useState([]);
  const current = useRef(photos);
  current.current = photos;

  const show = (next, tell) => {
    for (const photo of current.current) if (!next.includes(photo)) URL.revokeObjectURL(photo.url);
    current.current = next;
    setPhotos(next);
    if (tell) outbox?.photosChanged();
  };
  const withUrl = (photo) => ({ name: photo.name, blob: photo.blob, url: URL.createObjectURL(photo.blob) });

  const add = async (files) => {
    if (!files.length) return;
    const found = [];
    const room = max - current.current.length;
    if (files.length > room) found.push(fill(words.too_many, { max }));
    setSaid(words.working);
    for (const file of files.slice(0, Math.max(room, 0))) {
      if (!file.type.startsWith("image/") && !LOOKS_LIKE_PHOTO.test(file.name)) {
        found.push(fill(words.not_photo, { name: file.name }));
        continue;
      }
      const photo = await shrink(file);
      if (photo.unread && ALL_CAN_DRAW.test(file.name)) found.push(fill(words.not_photo, { name: file.name }));
      else if (photo.blob.size > maxMb * MB) found.push(fill(words.too_large, { name: file.name, size: maxMb }));
      else show([...current.current, withUrl(photo)], true);
    }
    setProblems(found);
    setSaid(fill(words.added, { n: current.current.length }));
  };
  const picked = () => {
    const files = [...input.current.files];
    input.current.value = ""; // from here on they are ours; the field is only the way in
    add(files);
  };
  const drop = (index) => {
    show(current.current.filter((_, at) => at !== index), true);
    setProblems([]);
    setSaid(fill(words.added, { n: current.current.length }));
    input.current.focus();
  };
  useEffect(() => {
    outbox?.registerPhotos({
      get: () => current.current.map((photo) => ({ name: photo.name, blob: photo.blob })),
      set: (list) => show(list.map(withUrl), false),
    });
    if (input.current.files.length) picked(); // chosen before the page came alive
    return () => {
      outbox?.registerPhotos(null);
      current.current.forEach((photo) => URL.revokeObjectURL(photo.url));
    };
  }, []);

  const thumb = (photo, index) =>
    h("li", { key: photo.url, className: "thumb" },
      h("img", { src: photo.url, alt: fill(words.photo, { n: index + 1, name: photo.name }) }),
      h("button", { type: "button", className: "btn quiet small", onClick: () => drop(index) }, fill(words.remove, { n: index + 1 })));
  return h("div", { className: "field drop", "data-field": name },
    h("label", { htmlFor: name }, label, optional ? h("span", { className: "optional" }, ` (${optional})`) : null),
    h("p", { className: "hint", id: `${name}-hint` }, hint),
    // The browser's own button speaks the browser's language; ours stands under it, and the whole place can be dropped on.
    h("div", { className: "drop-way", hidden: photos.length >= max },
      h("span", { className: "btn", "aria-hidden": "true" }, sign("camera"), photos.length ? words.more : words.choose),
      h("input", {
        ref: input, type: "file", id: name, name, multiple: true, accept: "image/jpeg,image/png,image/webp,image/heic,image/heif",
        "aria-describedby": `${name}-hint ${name}-error`, onChange: picked,
      })),
    h("p", { className: "error", id: `${name}-error` }),
    problems.length ? h("ul", { role: "alert" }, problems.map((problem) => h("li", { key: problem, className: "error" }, problem))) : null,
    photos.length ? h("ul", { className: "thumbs" }, photos.map(thumb)) : null,
    h("p", { className: "visually-hidden", role: "status" }, said));
}
