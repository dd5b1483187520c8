/** Values as TypeScript text. Pure. */
import { Code, Secret, type Value } from "./found";

/** Gives the expression for a secret that is the value of `argument`. */
export type SecretExpression = (argument: string, secret: Secret) => string;

const WIDTH = 80;

/** Members that are `undefined` are left out. */
export function literal(value: Value, secret?: SecretExpression): string {
  return write(value, "", "", secret);
}

function write(value: Value, argument: string, indent: string, secret?: SecretExpression): string {
  if (value instanceof Code) return value.text;
  if (value instanceof Secret) {
    if (secret === undefined) throw new Error("a secret has no place here");
    return secret(argument, value);
  }
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const items = isList
    ? (value as readonly Value[]).map((item) => write(item, argument, inner, secret))
    : Object.entries(value as Record<string, Value | undefined>).flatMap(([key, item]) =>
        item === undefined ? [] : [`${keyOf(key)}: ${write(item, key, inner, secret)}`],
      );
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  const space = isList || items.length === 0 ? "" : " ";
  const line = `${open}${space}${items.join(", ")}${space}${close}`;
  if (line.length + indent.length <= WIDTH && !line.includes("\n") && indent !== "") return line;
  if (items.length === 0) return line;
  return `${open}\n${items.map((item) => `${inner}${item},\n`).join("")}${indent}${close}`;
}

function keyOf(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

/** `www.example.com` → `wwwExampleCom`, `*.example.com` → `wildcardExampleCom`. */
export function identifierOf(name: string): string {
  const words = name
    .replace(/^\*/, "wildcard")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "");
  const joined = words
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join("");
  return /^[A-Za-z]/.test(joined) ? joined : `name${joined}`;
}

/** Gives each wanted name, or one with a number where it is taken. */
export function uniqueNames(reserved: readonly string[] = []): (wanted: string) => string {
  const taken = new Set(reserved);
  return (wanted) => {
    let name = wanted;
    for (let n = 2; taken.has(name); n += 1) name = `${wanted}${String(n)}`;
    taken.add(name);
    return name;
  };
}
