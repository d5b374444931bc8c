import { describe, expect, it } from 'vitest';
import { Rooms } from './rooms.ts';

describe('a room', () => {
  it('brings what is said to all who listen in it, with their number, and to nobody else', () => {
    const rooms = new Rooms();
    const heard: string[] = [];
    rooms.enter('harbour', (text) => heard.push(`ada ${text}`));
    const leave = rooms.enter('harbour', (text) => heard.push(`bob ${text}`));
    rooms.enter('deck', (text) => heard.push(`cyd ${text}`));
    expect(rooms.say('harbour', { seq: 7 })).toBe(2);
    expect(heard).toEqual(['ada {"seq":7,"listeners":2}', 'bob {"seq":7,"listeners":2}']);
    leave();
    expect([rooms.say('harbour', { seq: 8 }), rooms.say('nowhere', {})]).toEqual([1, 0]);
  });

  it('is gone with the last listener, and may be opened again', () => {
    const rooms = new Rooms();
    const leave = rooms.enter('harbour', () => undefined);
    leave();
    leave();
    rooms.enter('harbour', () => undefined);
    leave();
    expect(rooms.say('harbour', {})).toBe(1);
  });
});
