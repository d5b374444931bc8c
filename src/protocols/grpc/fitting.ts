/**
 * Whether a message fits its type. The encoder of Protocol Buffers is lenient: it leaves out fields that it does not know,
 * and makes 0 of what is no number. So a message is held against what its own bytes say.
 */

/**
 * What is wrong with it, for a person; null where nothing is.
 * @param given what was to be sent
 * @param read what its bytes say, with all fields of the type
 */
export function misfit(given: unknown, read: unknown, path = ''): string | null {
  if (given === undefined || given === null) return null;
  const at = path === '' ? 'the message' : path;
  const wrong = `${at} does not take this ${kindOf(given)}`;
  if (given instanceof Uint8Array) return read instanceof Uint8Array ? null : wrong;
  if (read instanceof Uint8Array) return typeof given === 'string' || Array.isArray(given) ? null : wrong;
  if (Array.isArray(given)) {
    if (!Array.isArray(read) || read.length !== given.length) return wrong;
    return firstOf(given, (each, nth) => misfit(each, read[nth], `${path}[${nth}]`));
  }
  if (typeof given === 'object') {
    if (isLong(given)) return null;
    if (typeof read !== 'object' || read === null || Array.isArray(read)) return wrong;
    const fields = read as Readonly<Record<string, unknown>>;
    return firstOf(Object.entries(given), ([name, value]) => {
      if (value === undefined || value === null) return null;
      if (Object.hasOwn(fields, name))
        return misfit(value, fields[name], path === '' ? name : `${path}.${name}`);
      const known = Object.keys(fields);
      return `${at} has no field "${name}"; ${known.length === 0 ? 'it has none' : `there are ${known.join(', ')}`}`;
    });
  }
  return isSame(given, read) ? null : wrong;
}

function isSame(given: unknown, read: unknown): boolean {
  if (typeof given === 'number' && typeof read === 'number')
    return given === read || Object.is(given, read) || isRounded(given, read);
  // Whole numbers of 64 bits are read as text; a constant of an enumeration may be given by its number.
  if (typeof given === 'number' && typeof read === 'string')
    return String(given) === read || (Number.isInteger(given) && !/^-?\d*$/.test(read));
  if (typeof given === 'string' && typeof read === 'number')
    return given.trim() !== '' && Number(given) === read;
  return typeof given === 'bigint' ? String(given) === String(read) : given === read;
}

/** A number of 32 bits with a point keeps seven digits, but not what is too great or too small for it. */
const isRounded = (given: number, read: number): boolean =>
  Math.fround(given) === read && read !== 0 && Number.isFinite(read);

const isLong = (given: object): boolean => 'low' in given && 'high' in given && 'unsigned' in given;

/** The value itself is not shown: it may be a secret. */
function kindOf(given: unknown): string {
  if (Array.isArray(given)) return `list of ${given.length}`;
  return given instanceof Uint8Array ? 'row of bytes' : typeof given === 'string' ? 'text' : typeof given;
}

function firstOf<Value>(
  values: readonly Value[],
  find: (value: Value, nth: number) => string | null,
): string | null {
  for (const [nth, value] of values.entries()) {
    const found = find(value, nth);
    if (found !== null) return found;
  }
  return null;
}
