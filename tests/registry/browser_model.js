// Plays what a person does on a sheet against the browser's model: a list of steps on standard input, what is shown after each on
// standard output.
import { Model } from "../../assets/registry/model.js";

const { sheet, kept, steps } = await Bun.stdin.json();
const model = new Model(sheet, kept);
const ACTS = {
  type: ([key, text]) => {
    model.type(key, text);
    model.leave(key);
  },
  paste: ([key, block]) => model.paste(key, block),
  undo: () => model.undoPaste(),
  saved: ([answer]) => model.saved(model.pending(), answer),
  rebase: ([values]) => model.rebase({ ...sheet, values }),
  settle: ([key, isMine]) => model.settle(key, isMine),
};
const look = () => ({
  shown: Object.fromEntries(Object.keys(sheet.cells).map((key) => [key, model.shown(key)])),
  pending: Object.fromEntries(model.pending()), faults: model.faults(), conflicts: Object.fromEntries(model.conflicts), gaps: model.gaps(),
  findings: model.findings.map((finding) => finding.name),
});
console.log(JSON.stringify(steps.map(([act, ...given]) => ({ did: ACTS[act](given) ?? null, ...look() }))));
