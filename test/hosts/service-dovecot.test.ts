import { otherKey } from "../support/services/own-user";
import { dovecotCommands, dovecotIn } from "../support/services/dovecot";
import { testService } from "../support/services/service-test";

testService({
  service: "dovecot",
  tools: ["dovecot"],
  version: ["dovecot", "--version"],
  daemon: dovecotIn,
  before: dovecotCommands,
  refused: { args: otherKey("root"), words: /Key is for a different cert than ssl_cert/ },
  underLoad: true,
});
