/** Which arguments the handlers treat as secret: the names that the classes mark, too. Layer 5. */
export { SECRET_ARGUMENTS } from "../util/secret-names";
