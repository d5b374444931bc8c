/**
 * Targets without a script of their own: what is to be played, and the scenarios that play it.
 *
 * 1. A recipe is plain data, made once from the command line: every thread makes the same scenarios of it.
 * 2. A scenario of a recipe uses nothing that a scenario file could not use.
 */
import { loadScenarios } from '../scenarios/loading.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { callScenario, type CallRecipe } from './call.ts';
import { chatScenario, type ChatRecipe } from './chat.ts';
import { operationsScenario, type OperationsRecipe } from './operations.ts';
import { recordingScenario, type RecordingRecipe } from './recording.ts';

export type Recipe = CallRecipe | ChatRecipe | RecordingRecipe | OperationsRecipe;

/** What a target plays: a file of scenarios, or what a recipe makes. */
export interface Playable {
  /** The file; of a recipe what it was made from, for messages. */
  readonly scenario: string;
  readonly recipe: Recipe | null;
}

/** @throws PLM_SCENARIO for a file that cannot be loaded */
export async function scenariosOf({ scenario, recipe }: Playable): Promise<readonly Scenario[]> {
  return recipe === null ? loadScenarios(scenario) : [scenarioOf(recipe)];
}

function scenarioOf(recipe: Recipe): Scenario {
  switch (recipe.kind) {
    case 'call':
      return callScenario(recipe);
    case 'chat':
      return chatScenario(recipe);
    case 'recording':
      return recordingScenario(recipe);
    case 'operations':
      return operationsScenario(recipe);
  }
}

/** What of a file is played, and what is not; empty where it was made from none. */
export const noteOf = (recipe: Recipe | null): string =>
  recipe === null || recipe.kind === 'chat' || recipe.kind === 'call' ? '' : recipe.note;
