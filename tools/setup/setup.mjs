/**
 * Gets what a machine lacks, step by step.
 *
 * A step is `{ title, usually, remedy, isDone(), perform() }`: `isDone` is quick and changes nothing; `perform` may be
 * killed at any moment and run again; what it throws is shown together with the remedy, which is for a person.
 */

/** A step could not be done; the message tells what to do by hand. */
export class SetupError extends Error {
  /** @override */
  name = "SetupError";
}

/** Performs the steps that are not done yet, in order. */
export async function setUp(steps, say = console.log) {
  for (const step of steps) {
    if (await step.isDone()) continue;
    say(`  ${step.title} (usually ${step.usually}) …`);
    const started = Date.now();
    const reminder = setInterval(() => {
      say(`  … still at it after ${seconds(started)}`);
    }, 30_000);
    try {
      await step.perform();
    } catch (error) {
      throw new SetupError(
        `${step.title} failed:\n${error.message.trimEnd()}\n\nBy hand: ${step.remedy}`,
      );
    } finally {
      clearInterval(reminder);
    }
    say(`  … done in ${seconds(started)}`);
  }
}

function seconds(started) {
  return `${Math.max(1, Math.round((Date.now() - started) / 1000))} s`;
}
