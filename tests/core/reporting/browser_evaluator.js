// Judges reports, or evaluates expressions, as the browser does: JSON in by stdin, JSON out.
import { evaluate, judge } from "../../../assets/reporting/expressions.js";

const { expressions = [], reports = [] } = JSON.parse(await Bun.stdin.text());
const outcome = {
  expressions: expressions.map(({ expression, held }) => evaluate(expression, (address) => held[address])),
  reports: reports.map(({ form, cells, others }) => judge(form, cells, others)),
};
process.stdout.write(JSON.stringify(outcome));
