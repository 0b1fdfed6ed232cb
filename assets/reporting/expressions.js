/*
 * Checks and computed cells of a form while it is filled in: the twin of mattranso_app/core/reporting/expressions (see there for
 * the language and for what empty means). Both pass tests/core/reporting/expression_vectors.json.
 *
 *   import { judge } from "$/public/reporting/expressions.js";
 *   const { values, findings } = judge(form, cells, others);
 *
 * form     {formulas: {cell: expression}, checks: [{name, expression, severity: "hard"|"soft", message, basis, cells: [key]}]}
 *          as `for_browser` of core/reporting/checks gives it: formulas after those they rest on.
 * cells    {key: value} of this report; a value is null, a number, or the plain text of one ("-12.5", not "12,5"); other text
 *          fills a cell but is no number. What stands in a computed cell does not count.
 * others   {address: value} of all else the form refers to; addresses as `others` of `for_browser` lists them:
 *          "cell@previous", "cell@previous:3", "form#cell", "form#cell@last_year", "?communes".
 * values   {key: "12.5" or null} of the computed cells.
 * findings the checks that do not hold, as they are in the form, each with `sides` ["12", "10"] when it compares two numbers.
 *          What cannot be judged yet is not among them.
 *
 * Numbers are BigInts of 0.0001, so nothing is lost; results are plain text. Expressions were checked by the server when the form
 * was saved: what is not understood here is empty, and the server judges again when the report comes.
 * Plain language, nothing imported: runs in pages, in the service worker and under bun alike.
 */
const PLACES = 4;
const ONE = 10_000n;
const BOUND = 10n ** 15n * ONE;
const PLAIN = /^(-?)([0-9]{1,40})(?:\.([0-9]{1,40}))?$/;
const BLANK = /^[ \t\r\n\u00a0]*$/;

const abs = (number) => (number < 0n ? -number : number);
const bounded = (number) => (number === null || abs(number) >= BOUND ? null : number);

/* The quotient rounded half away from zero. */
function divide(dividend, divisor) {
  const by = abs(divisor);
  const quotient = (2n * abs(dividend) + by) / (2n * by);
  return dividend < 0n === divisor < 0n ? quotient : -quotient;
}

/** What a cell holds, in multiples of 0.0001; null for nothing, words and what is too large. */
export function read(raw) {
  if (raw === null || raw === undefined || typeof raw === "boolean") return null;
  const text = typeof raw === "number" && Math.abs(raw) < 1e-6 ? "0" : String(raw); // 1e-7 is written with an exponent
  const [, sign, whole, fraction = ""] = PLAIN.exec(text) ?? [];
  if (whole === undefined) return null;
  const number = divide(BigInt(whole + fraction) * ONE, 10n ** BigInt(fraction.length));
  return bounded(sign ? -number : number);
}

/** Multiples of 0.0001 as plain text: "-12.5". */
export function write(number) {
  const fraction = String(abs(number) % ONE).padStart(PLACES, "0").replace(/0+$/, "");
  return `${number < 0n ? "-" : ""}${abs(number) / ONE}${fraction && `.${fraction}`}`;
}

/* The address of a reference in `others`; a cell of the form itself has its key. */
function address({ cell, form, period = "same", back = 1, known }) {
  if (known !== undefined) return `?${known}`;
  return (form ? `${form}#` : "") + cell + (period === "same" ? "" : `@${period}`) + (back > 1 ? `:${back}` : "");
}

const least = (numbers) => numbers.reduce((one, other) => (other < one ? other : one));
const most = (numbers) => numbers.reduce((one, other) => (other > one ? other : one));
const sum = (numbers) => numbers.reduce((one, other) => one + other);

const OVER_SEVERAL = { sum, min: least, max: most, mean: (numbers) => divide(sum(numbers), BigInt(numbers.length)) };

const COMPARE = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

const CALCULATE = {
  "+": sum,
  "-": ([a, b]) => a - b,
  "*": (numbers) => numbers.reduce((one, other) => divide(one * other, ONE)),
  "/": ([a, b]) => (b ? divide(a * ONE, b) : null),
  percent: ([a, b]) => (b ? divide(a * 100n * ONE, b) : null),
  share: ([a, b]) => divide(a * b, 100n * ONE),
  abs: ([a]) => abs(a),
  round: ([a, digits]) => {
    const step = 10n ** (BigInt(PLACES) - digits / ONE);
    return divide(a, step) * step;
  },
};

/* Three-valued: what decides by itself decides, else unknown stays unknown. */
function logic(operator, truths) {
  if (operator === "not") return truths[0] === null ? null : !truths[0];
  const decides = operator === "or";
  if (truths.includes(decides)) return decides;
  return truths.includes(null) ? null : !decides;
}

/* A BigInt of 0.0001, a truth, or null. */
function value(expression, lookup) {
  if (typeof expression === "boolean") return expression;
  if (expression === null || typeof expression !== "object") return read(expression);
  if ("cell" in expression || "known" in expression) return read(lookup(address(expression)));
  const [operator] = Object.keys(expression);
  const parts = Array.isArray(expression[operator]) ? expression[operator] : [expression[operator]];
  if (operator === "filled") {
    const raw = lookup(address(parts[0])) ?? null;
    return raw !== null && !(typeof raw === "string" && BLANK.test(raw));
  }
  if (operator === "if") {
    const condition = value(parts[0], lookup);
    const chosen = condition === null ? undefined : parts[condition ? 1 : 2];
    return chosen === undefined ? null : value(chosen, lookup);
  }
  const values = parts.map((part) => value(part, lookup));
  if (operator === "and" || operator === "or" || operator === "not") return logic(operator, values);
  const numbers = values.filter((number) => number !== null);
  if (Object.hasOwn(OVER_SEVERAL, operator)) return numbers.length ? bounded(OVER_SEVERAL[operator](numbers)) : null;
  if (numbers.length < values.length) return null;
  if (Object.hasOwn(COMPARE, operator)) return COMPARE[operator](...numbers);
  return Object.hasOwn(CALCULATE, operator) ? bounded(CALCULATE[operator](numbers)) : null;
}

const shown = (result) => (typeof result === "bigint" ? write(result) : result);

/** What one expression comes to: plain text of a number, true, false or null. `lookup` gives what an address holds. */
export const evaluate = (expression, lookup) => shown(value(expression, lookup));

/* A lookup of one report in which computed cells have what they come to, each computed once. */
function reportLookup(formulas, cells, others) {
  const computed = new Map();
  const lookup = (where) => {
    if (Object.hasOwn(formulas, where)) {
      if (!computed.has(where)) {
        computed.set(where, null); // a circle, which the server does not let pass, ends here
        computed.set(where, evaluate(formulas[where], lookup));
      }
      return computed.get(where);
    }
    const held = Object.hasOwn(cells, where) ? cells : others;
    return Object.hasOwn(held, where) ? held[where] : null;
  };
  return lookup;
}

/** Compute the computed cells and judge the checks of one report; see the head of this file. */
export function judge({ formulas = {}, checks = [] }, cells, others = {}) {
  const lookup = reportLookup(formulas, cells, others);
  const values = Object.fromEntries(Object.keys(formulas).map((key) => [key, lookup(key)]));
  const failed = checks.filter(({ expression }) => value(expression, lookup) === false);
  const findings = failed.map((check) => {
    const [operator] = Object.keys(check.expression);
    if (!Object.hasOwn(COMPARE, operator)) return check;
    return { ...check, sides: check.expression[operator].map((side) => evaluate(side, lookup)) };
  });
  return { values, findings };
}
