/** Clients and tables that only some runs need are packages of their own, which users install; they are loaded when one is named. */
import { PlimsollError } from '../errors.ts';

/**
 * @param given what named it, for the message
 * @param packages with their versions, as for npm install
 * @throws PLM_CLIENT where they are not installed
 */
export async function optionalPeer<Loaded>(
  given: string,
  packages: string,
  load: () => Promise<Loaded>,
): Promise<Loaded> {
  try {
    return await load();
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new PlimsollError(
      'PLM_CLIENT',
      given,
      `it needs a package of its own: npm install ${packages}`,
      error,
    );
  }
}
