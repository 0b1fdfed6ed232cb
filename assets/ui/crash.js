// Catches what breaks while drawing a page: plain words and a way on, no stack trace; the report goes to the server's log.
import { Component, createElement as h } from "react";
import { sign } from "./common.js";

export class CrashScreen extends Component {
  state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  componentDidCatch(error, info) {
    this.props.onError?.(error, info);
  }

  render() {
    const { words, children } = this.props;
    if (!this.state.broken) return children;
    return h("main", { className: "main" },
      h("div", { className: "inner stack" },
        h("div", { className: "empty", role: "alert" }, sign("alert"), h("h1", null, words.title), h("p", null, words.text),
          h("button", { type: "button", className: "btn primary", onClick: () => location.reload() }, words.reload))));
  }
}
