// The plugin's one import of its own, `freshdesk:tools/credentials`: which helpdesk, and who puts the key on.

import { _setEnv } from "@bytecodealliance/preview2-shim/cli";
import { baseUrl } from "./account.js";

// The shim hands all variables of this process to a component, the key among them. This one is to see none.
_setEnv({});

export function get() {
  return { baseUrl, authorization: { tag: "attached-by-host" } };
}
