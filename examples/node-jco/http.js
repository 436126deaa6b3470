// `wasi:http` for the plugin: jco's own, but that a request goes to the helpdesk only, and that the key is put on here,
// where the plugin cannot read it.

import * as shim from "@bytecodealliance/preview2-shim/http";
import { authorization, baseUrl } from "./account.js";

class OutgoingRequest extends shim.types.OutgoingRequest {
  #asFromPlugin;

  constructor(headers) {
    const withKey = shim.types.Fields.fromList(headers.entries());
    withKey.set("authorization", [new TextEncoder().encode(authorization)]);
    super(withKey);
    this.#asFromPlugin = headers;
  }

  headers() {
    return this.#asFromPlugin;
  }
}

export const types = { ...shim.types, OutgoingRequest };

export const outgoingHandler = {
  handle(request, options) {
    const to = `${request.scheme()?.tag.toLowerCase()}://${request.authority()}`;
    if (to !== baseUrl) throw { tag: "HTTP-request-denied" };
    return shim.outgoingHandler.handle(request, options);
  },
};
