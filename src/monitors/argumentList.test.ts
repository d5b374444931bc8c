import { describe, expect, it } from 'vitest';
import { splitCommand } from './argumentList.ts';

describe('splitting a command', () => {
  it.each([
    ['node server.js', ['node', 'server.js']],
    ['  node\t server.js  ', ['node', 'server.js']],
    [`node -e "console.log('a b')"`, ['node', '-e', "console.log('a b')"]],
    [`node -e 'a && b | c $x'`, ['node', '-e', 'a && b | c $x']],
    [`"/opt/my app/run" ''`, ['/opt/my app/run', '']],
    [String.raw`a\ b c\"d "e\"f\n"`, ['a b', 'c"d', String.raw`e"f\n`]],
    [`a"b c"'d e'f`, ['ab cd ef']],
    ['node app.js --name=x', ['node', 'app.js', '--name=x']],
    ['app *.txt ~/x', ['app', '*.txt', '~/x']],
  ])('%s', (text, words) => {
    const { program, args } = splitCommand(text);
    expect([program, ...args]).toEqual(words);
  });

  it('takes NAME=value in front as the environment, quoted values too', () => {
    expect(splitCommand(`PORT=3000 GREETING="good day" node server.js MODE=x`)).toEqual({
      environment: { PORT: '3000', GREETING: 'good day' },
      program: 'node',
      args: ['server.js', 'MODE=x'],
    });
  });

  it('takes a quoted NAME=value for a program, as a shell does', () => {
    expect(splitCommand(`'A=b' c`)).toEqual({ environment: {}, program: 'A=b', args: ['c'] });
  });

  it.each(['a && b', 'a | b', 'a > f', 'a $HOME', 'a "$HOME"', 'a `b`', 'a; b', '(a)'])(
    'refuses what only a shell can do: %s',
    (text) => {
      expect(() => splitCommand(text)).toThrow(/needs a shell: write sh -c/);
    },
  );

  it.each([
    ['', 'names no command'],
    ['   ', 'names no command'],
    ['A=1', 'names no command'],
    ['a "b', 'is not closed'],
    ["a 'b", 'is not closed'],
    ['a \\', 'backslash'],
  ])('refuses %j with PLM_OPTION', (text, message) => {
    expect(() => splitCommand(text)).toThrow(expect.objectContaining({ code: 'PLM_OPTION' }));
    expect(() => splitCommand(text)).toThrow(message);
  });
});
