import { expect, test } from "vitest";
import { certId } from "../../../sdk/acme";

const keyIdentifier = Buffer.from("69885B6B87464041E1B37B847BA0AE2CDE01C8D4", "hex");

test.each([
  // https://www.rfc-editor.org/rfc/rfc9773#section-4.1: the serial number's leading zero is part of it.
  ["0087654321", "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"],
  ["7f654321", "aYhba4dGQEHhs3uEe6CuLN4ByNQ.f2VDIQ"],
  ["01", "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AQ"],
  [`00${"ff".repeat(20)}`, `aYhba4dGQEHhs3uEe6CuLN4ByNQ.AP${"_".repeat(26)}`],
])("the serial number %s gives %s", (serial, expected) => {
  const id = certId(keyIdentifier, Buffer.from(serial, "hex"));
  expect(id).toBe(expected);
});
