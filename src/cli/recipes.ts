/** What the command line says of targets that have no script of their own. */
import { resolve } from 'node:path';
import { readArrivals } from './arrivalsFile.ts';
import { PlimsollError } from '../errors.ts';
import { grpcAddress, isGrpcUrl, type GrpcAddress } from '../protocols/grpc/grpcUrl.ts';
import type { CallRecipe } from '../recipes/call.ts';
import { chatBaseUrl, isChatUrl, type ChatRecipe, type HangingUp } from '../recipes/chat.ts';
import { readHar } from '../recipes/har.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { flagOf, optionTable, parseHeader, readBody, type OptionName, type OptionReader } from './options.ts';
import { redactText } from './redact.ts';

const ofChats = [
  'model',
  'inputTokens',
  'outputTokens',
  'sharedTokens',
  'turns',
  'cancelShare',
  'cancelAfter',
] as const satisfies OptionName[];

const ofCalls = ['data', 'proto', 'protoPath'] as const satisfies OptionName[];

export interface Made {
  readonly recipe: Recipe;
  /** What it was made from. */
  readonly from: string;
}

/**
 * Null for a target that needs none.
 * @param given the target; null where none is
 * @throws PLM_OPTION, and what is wrong with a file
 */
export async function recipeFor(given: string | null, read: OptionReader): Promise<Made | null> {
  const [har, openapi] = [read.text('har')?.text, read.text('openapi')?.text];
  const isChat = given !== null && isChatUrl(given);
  const isCall = given !== null && isGrpcUrl(given);
  refuseStray(ofChats, isChat, 'a target llm://', read);
  refuseStray(ofCalls, isCall, 'a target grpc://', read);
  refuseStray(['longestPause'], har !== undefined, '--har', read);
  refuseStray(['allowWrites'], openapi !== undefined, '--openapi', read);
  if (isCall && har === undefined && openapi === undefined)
    return { recipe: callRecipe(given, read), from: given };
  if (har === undefined && openapi === undefined)
    return isChat ? { recipe: chatRecipe(given, read), from: given } : null;
  if (har !== undefined && openapi !== undefined)
    throw new PlimsollError('PLM_OPTION', '--har together with --openapi', 'give one of them');
  refuseStray(['baseUrl'], false, 'a scenario file; give the URL as the target', read);
  if (har !== undefined) return { recipe: harRecipe(har, given, read), from: har };
  return { recipe: await openapiRecipe(openapi ?? '', given, read), from: openapi ?? '' };
}

/** @throws PLM_OPTION for a flag that means nothing here */
function refuseStray(names: readonly OptionName[], fits: boolean, home: string, read: OptionReader): void {
  const stray = fits ? undefined : names.find((name) => read.isFlag(name));
  if (stray !== undefined) throw new PlimsollError('PLM_OPTION', flagOf(stray), `it goes with ${home}`);
}

function harRecipe(file: string, given: string | null, read: OptionReader): Recipe {
  const target = given === null ? null : httpTarget(given, '--har');
  if (target !== null && target.pathname + target.search !== '/')
    throw new PlimsollError(
      'PLM_OPTION',
      `"${given}" with --har`,
      'only its origin is used: give it without a path',
    );
  return readHar(file, {
    target: target?.href ?? null,
    longestPauseMs: read.durationMs('longestPause') ?? 5000,
    given: new Set(read.list('header').map((line) => parseHeader(line)[0].toLowerCase())),
  });
}

async function openapiRecipe(file: string, given: string | null, read: OptionReader): Promise<Recipe> {
  // Its parsers take a while to load, and most runs do without.
  const { readOpenapi } = await import('../recipes/openapi/openapi.ts');
  return readOpenapi(file, {
    target: given === null ? null : httpTarget(given, '--openapi').href,
    allowWrites: read.on('allowWrites'),
    seed: read.number('seed', 0, 2 ** 31) ?? 1,
  });
}

/** @throws PLM_TARGET, PLM_OPTION for what is no URL of HTTP */
export function httpTarget(given: string, option: string): URL {
  if (!URL.canParse(given) || !given.includes('://')) throw new PlimsollError('PLM_TARGET', `"${given}"`);
  const url = new URL(given);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new PlimsollError('PLM_OPTION', `"${given}" with ${option}`, 'it goes with http:// or https://');
}

/** @throws PLM_TARGET, PLM_MESSAGE, PLM_FILE, PLM_OPTION */
function callRecipe(given: string, read: OptionReader): CallRecipe {
  let address: GrpcAddress;
  try {
    address = grpcAddress(given);
  } catch (error) {
    throw new PlimsollError('PLM_TARGET', `"${redactText(given)}"`, (error as Error).message, error);
  }
  if (read.isFlag('body')) throw new PlimsollError('PLM_OPTION', '--body with gRPC', 'its message is --data');
  const [data, proto, protoPath] = [read.text('data'), read.text('proto'), read.text('protoPath')];
  if (proto === null && protoPath !== null)
    throw new PlimsollError('PLM_OPTION', protoPath.from, 'it goes with --proto');
  return {
    kind: 'call',
    baseUrl: address.url,
    method: address.method,
    messages: data === null ? [{}] : messagesIn(data.text),
    described:
      proto === null
        ? null
        : {
            proto: resolve(proto.text),
            ...(protoPath === null ? {} : { protoPath: resolve(protoPath.text) }),
          },
  };
}

/** A message, or a list of them. Its text is not shown: it may hold a secret. */
function messagesIn(text: string): CallRecipe['messages'] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(readBody(text)).toString('utf8'));
  } catch (error) {
    if (error instanceof PlimsollError) throw error;
    throw new PlimsollError('PLM_MESSAGE', '--data', 'it is no JSON', error);
  }
  const messages = Array.isArray(parsed) ? parsed : [parsed];
  if (messages.every((each) => typeof each === 'object' && each !== null && !Array.isArray(each)))
    return messages as CallRecipe['messages'];
  throw new PlimsollError('PLM_MESSAGE', '--data', 'a message is an object with its fields');
}

function chatRecipe(given: string, read: OptionReader): ChatRecipe {
  const model = read.text('model');
  if (model === null)
    throw new PlimsollError(
      'PLM_OPTION',
      `"${given}" without a model`,
      `give one: ${optionTable.model.flags}`,
    );
  const [inputTokens, outputTokens] = [
    read.number('inputTokens', 1, 1_000_000),
    read.number('outputTokens', 1, 1_000_000),
  ];
  const replay = read.text('replay');
  return {
    kind: 'chat',
    baseUrl: chatBaseUrl(given),
    model: model.text,
    inputTokens: inputTokens ?? 500,
    outputTokens: outputTokens ?? 150,
    // What is said on the command line wins over a trace.
    lengths:
      replay === null || inputTokens !== null || outputTokens !== null
        ? null
        : readArrivals(replay.text).tokens,
    sharedTokens: read.number('sharedTokens', 0, 1_000_000) ?? 0,
    turns: read.number('turns', 1, 1000) ?? 1,
    seed: read.number('seed', 0, 2 ** 31) ?? 1,
    hangingUp: hangingUp(read),
  };
}

/** Null where every answer is heard to its end. */
function hangingUp(read: OptionReader): HangingUp | null {
  const share = read.share('cancelShare', 0, 1);
  const after = read.text('cancelAfter');
  if (share === null) {
    if (after === null) return null;
    throw new PlimsollError('PLM_OPTION', after.from, 'it goes with --cancel-share');
  }
  // A number alone counts tokens; a time has its unit.
  const isTime = /[a-z]\s*$/.test(after?.text ?? '');
  return isTime
    ? { share, cancelAfterMs: read.durationMs('cancelAfter') ?? 0 }
    : { share, cancelAfterTokens: read.number('cancelAfter', 1, 1_000_000) ?? 20 };
}
