/**
 * The shell of a resource: from what it decides and does to what the engine calls.
 *
 * `check` and `decide` load nothing heavy; `operations` is imported when something has to be done.
 */
import type { CheckResult, Handler, Properties } from "./handler";
import { type Reporter, reporterFor } from "./progress";
import { Succession } from "./succession";

export type Decision<Work extends string> =
  | { readonly action: "none" }
  /** Taken over without the CA or the host. */
  | { readonly action: "settings"; readonly reason: string }
  | {
      readonly action: "replace";
      readonly reason: string;
      /** The arguments whose change replaces the resource. */
      readonly replaces: readonly string[];
    }
  | { readonly action: Work; readonly reason: string };

/** Whose operation it is, and where its words go. */
export interface Context extends Reporter {
  readonly urn: string | undefined;
  /** The resource's name. */
  readonly name: string | undefined;
  /** Whether the program still has the resource with this URN, as far as this `up` has come to it. */
  readonly isLiving: (urn: string) => boolean;
  /** Whether a secret went into the text that the resource writes: the class alone knows. */
  readonly holdsSecret: boolean;
}

/** What a resource does. Arguments are checked ones; states are what the operation before returned. */
export interface Operations<Args, State, D> {
  readonly create: (args: Args, context: Context) => Promise<State>;
  /** @param decision - what `decide` says now, which may differ from what the preview showed */
  readonly update: (state: State, args: Args, decision: D, context: Context) => Promise<State>;
  readonly read: (state: State, context: Context) => Promise<State>;
  /**
   * Absent: nothing has to be undone.
   *
   * @param living - the state of what lives under the same URN now, where this process has seen it: a replacement
   */
  readonly delete?: (state: State, context: Context, living: State | undefined) => Promise<void>;
}

export interface ResourceDefinition<Args, State, D> {
  readonly check: (news: Properties, olds: Properties) => CheckResult | Promise<CheckResult>;
  /** From state, arguments and clock; in a preview `args` may hold unknowns. No network. */
  readonly decide: (state: State, args: Args, now: number) => D | Promise<D>;
  readonly operations: () => Promise<Operations<Args, State, D>>;
  /** Whether `delete` has anything to do; default true. A destroy that has not loads nothing. */
  readonly needsDelete?: (state: State) => boolean;
  /** The outputs, where more than arguments' names says what of them is secret. */
  readonly outputs?: (state: State, inputs: Properties) => Properties;
}

/** `Args` are the inputs without the engine's own keys, `State` the outputs: this is the one place that says so. */
export function defineResource<
  Args extends object,
  State extends object,
  D extends {
    readonly action: string;
    readonly reason?: string;
    readonly replaces?: readonly string[];
  },
>(resource: ResourceDefinition<Args, State, D>): Handler {
  const { operations } = resource;
  const succession = new Succession<State>();
  const contextOf = (properties: Properties) => contextIn(succession, properties);
  const outputs = (state: State, inputs: Properties): Properties =>
    resource.outputs === undefined ? { ...(state as Properties) } : resource.outputs(state, inputs);
  return {
    check: async (olds, news) => resource.check(news, olds),

    async diff(_id, olds, news) {
      const decision = await resource.decide(stateIn(olds), argumentsIn(news), Date.now());
      succession.follows(olds, news);
      if (decision.replaces === undefined) succession.lives(news, stateIn(olds));
      if (decision.action === "none") return { changes: false };
      if (decision.reason !== undefined) contextOf(news).info(decision.reason);
      const { replaces } = decision;
      return replaces === undefined ? { changes: true } : { changes: true, replaces };
    },

    async create(inputs) {
      const { create } = await operations();
      const state = await create(argumentsIn(inputs), contextOf(inputs));
      succession.lives(inputs, state);
      return { outs: outputs(state, inputs) };
    },

    async update(_id, olds, news) {
      const { update } = await operations();
      const [former, args] = [stateIn(olds), argumentsIn(news)];
      const decision = await resource.decide(former, args, Date.now());
      const state = await update(former, args, decision, contextOf(news));
      succession.lives(news, state);
      return { outs: outputs(state, news) };
    },

    async read(id, props) {
      const { read } = await operations();
      const state = await read(stateIn(props), contextOf(props));
      return { id, props: outputs(state, props) };
    },

    async delete(_id, props) {
      if (resource.needsDelete?.(stateIn(props)) === false) return;
      const { delete: remove } = await operations();
      await remove?.(stateIn(props), contextOf(props), succession.successorOf(props));
    },
  };

  function argumentsIn(inputs: Properties): Args {
    return Object.fromEntries(
      Object.entries(inputs).filter(([key]) => !key.startsWith("__")),
    ) as Args;
  }

  function stateIn(outs: Properties): State {
    return outs as State;
  }
}

function contextIn(succession: Succession<unknown>, properties: Properties): Context {
  const urn = typeof properties["__urn"] === "string" ? properties["__urn"] : undefined;
  // urn:pulumi:stack::project::type::name
  const name = urn?.split("::").slice(3).join("::");
  return {
    ...reporterFor(urn),
    urn,
    name,
    isLiving: (other) => succession.isLiving(other),
    holdsSecret: properties["__secretConfig"] === true,
  };
}
