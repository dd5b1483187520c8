/** Hosts: what the layers above use of this folder. */
export {
  type Accept,
  type CommandResult,
  type Connection,
  type Conversation,
  type Host,
  HostError,
  type HostErrorCode,
  type Listener,
  type ListenOptions,
  type RunOptions,
  type Target,
  type OpenOptions,
} from "./host";
export { DIRECTORY_FUNCTIONS } from "./directory";
export { withHost } from "./open";
export { lastWords } from "./command/last-words";
export { shellQuote, subshell } from "./command/shell";
export { describeTarget } from "./target";
