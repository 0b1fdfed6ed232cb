// How a widget inside OutboxForm reaches its form.
import { createContext } from "react";

export const FormContext = createContext(null);
FormContext.displayName = "OutboxFormContext";
