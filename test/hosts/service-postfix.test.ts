import { otherKey } from "../support/services/own-user";
import { postfixCommands, postfixIn } from "../support/services/postfix";
import { testService } from "../support/services/service-test";

testService({
  service: "postfix",
  tools: ["postfix"],
  version: ["postconf", "mail_version"],
  name: "postfix",
  daemon: postfixIn,
  before: postfixCommands,
  // smtpd says so to those who ask for TLS.
  refused: {
    args: ({ port }) => ({
      ...otherKey("root")(),
      verify: { address: `127.0.0.1:${String(port)}`, timeout: "1s" },
    }),
    words: /454 4\.7\.0 TLS not available due to local problem/,
  },
  underLoad: true,
});
