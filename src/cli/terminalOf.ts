/** What a stream can show: width, colour, and whether it takes Unicode. */
export interface Screen {
  readonly isTty: boolean;
  readonly columns: number;
  readonly colour: boolean;
  readonly ascii: boolean;
}

export function terminalOf(stream: NodeJS.WriteStream): Screen {
  const { env, platform } = process;
  const isTty = stream.isTTY === true && env['TERM'] !== 'dumb' && env['CI'] === undefined;
  const noColour = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '';
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  const language = env['LC_ALL'] ?? env['LC_CTYPE'] ?? env['LANG'] ?? '';
  const plainWindows = platform === 'win32' && env['WT_SESSION'] === undefined;
  return {
    isTty,
    columns: stream.columns ?? 80,
    colour: (isTty || forced) && !noColour,
    ascii: plainWindows || /^(C|POSIX)$/.test(language) || env['TERM'] === 'linux',
  };
}
