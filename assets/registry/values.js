// Values of cells as people write them and in the one plain form that is kept: the twin of core/reporting/values.py.
const VIETNAMESE = /^-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?$/;
const POINT = /^-?\d+\.\d+$/;
const LARGEST = 15; // digits before the decimal sign
const DECIMALS = 4;

const bad = (word, value = "") => ({ plain: null, error: word, value: value.slice(0, 40) });
const fine = (plain) => ({ plain, error: "" });

/**
 * Read what was typed into a cell.
 * @param {{type: string, options?: [string, string][]}} cell
 * @param {string} typed
 * @returns {{plain: string|null, error: string, value?: string}} error: key of the words, "" when all is well
 */
export function readValue(cell, typed) {
  const said = typed.trim();
  if (!said) return fine(null);
  if (cell.type === "integer" || cell.type === "decimal") return readNumber(cell.type, said);
  if (cell.type === "date") return readDay(said);
  if (cell.type === "choice") {
    const found = cell.options.find(([code, name]) => said === code || fold(said) === fold(name));
    return found ? fine(found[0]) : bad("not_a_choice", said);
  }
  return fine(said);
}

function readNumber(type, said) {
  const digits = said.replace(/[ \u00a0\u202f\u2009]/g, "");
  if (digits.startsWith("=")) return bad("formula");
  let plain;
  if (VIETNAMESE.test(digits)) plain = digits.replaceAll(".", "").replace(",", ".");
  else if (POINT.test(digits)) plain = digits;
  else return bad("not_a_number", said);
  const [, minus, whole, fraction] = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(plain);
  if (type === "integer" && fraction) return bad(/^\d{1,3},\d{3}$/.test(said) ? "ambiguous" : "not_whole", said);
  if (minus && (whole !== "0" || fraction)) return bad("negative");
  if (whole.length > LARGEST) return bad("too_large");
  if ((fraction ?? "").length > DECIMALS) return bad("too_fine");
  return fine(fraction ? `${whole}.${fraction}` : whole);
}

function readDay(said) {
  const found = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(said) ?? /^(\d{4})-(\d{2})-(\d{2})$/.exec(said);
  if (!found) return bad("not_a_day", said);
  const [year, month, day] = found[1].length === 4 ? [found[1], found[2], found[3]] : [found[3], found[2], found[1]];
  const iso = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const date = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== iso ? bad("not_a_day", said) : fine(iso);
}

const fold = (words) => words.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase().trim();

/** A plain value as it is shown: 1.234,5 · 31/12/2026 · words as they are. */
export function showValue(cell, plain) {
  if (plain === null || plain === undefined) return "";
  if (cell.type === "integer" || cell.type === "decimal") {
    const [whole, fraction] = plain.split(".");
    return whole.replace(/\B(?=(\d{3})+$)/g, ".") + (fraction ? `,${fraction}` : "");
  }
  if (cell.type === "date") return plain.split("-").reverse().join("/");
  return plain;
}

/** Show a value in words where the cell itself is not at hand: the name of a choice too. */
export function sayValue(cell, plain) {
  if (cell.type === "choice") return cell.options.find(([code]) => code === plain)?.[1] ?? plain ?? "";
  return showValue(cell, plain);
}

/** A plain value as it is sent: a decimal with a comma, since 1.234 is a thousand and more. */
export const sendValue = (cell, plain) => (plain !== null && cell.type === "decimal" ? plain.replace(".", ",") : plain);

/** Cells of a copied block by row and column; quotes as Excel writes them around line breaks. */
export function readBlock(copied) {
  const rows = [[]];
  const part = /"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*)/y;
  let at = 0;
  for (;;) {
    part.lastIndex = at;
    const found = part.exec(copied);
    rows.at(-1).push(found[1] !== undefined ? found[1].replaceAll('""', '"') : found[2]);
    at = part.lastIndex;
    if (at >= copied.length) break;
    if (copied[at] === "\t") at += 1;
    else {
      at += copied.startsWith("\r\n", at) ? 2 : 1;
      if (at >= copied.length) break; // Excel ends the last row too
      rows.push([]);
    }
  }
  return rows;
}
