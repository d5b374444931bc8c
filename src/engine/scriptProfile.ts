/** Looks for a while at what this thread works on, with V8's own profiler: only where the thread is too busy anyway. */
import { Session } from 'node:inspector/promises';
import { scriptCostOf, type ScriptCost } from '../model/scriptCost.ts';

/** All of Plimsoll, compiled or not, lies under it. */
const ownRoot = new URL('..', import.meta.url);

/** @returns what of the thread's work is the script's; null where it did too little in the time */
export async function scriptProfile(forMs: number): Promise<ScriptCost | null> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    await new Promise((resolve) => setTimeout(resolve, forMs));
    const { profile } = await session.post('Profiler.stop');
    return scriptCostOf(profile.nodes, isOwn);
  } finally {
    session.disconnect();
  }
}

function isOwn(url: string): boolean {
  return url.startsWith(ownRoot.href) || url.startsWith(ownRoot.pathname);
}
