// Reads typed values with the browser's reader: [[cell, typed], …] on standard input, [[plain, error], …] on standard output.
import { readBlock, readValue, sendValue, showValue } from "../../assets/registry/values.js";

const { values, blocks } = await Bun.stdin.json();
const read = values.map(([cell, typed]) => {
  const { plain, error } = readValue(cell, typed);
  return { plain, error, shown: showValue(cell, plain), sent: sendValue(cell, plain) };
});
console.log(JSON.stringify({ values: read, blocks: blocks.map(readBlock) }));
