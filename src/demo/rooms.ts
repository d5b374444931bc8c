/**
 * Rooms, /v1/rooms/NAME: who opens a WebSocket there listens; what is posted there goes to all who listen.
 *
 * 1. Every message carries the number of those it was sent to, so that a listener can know when all have heard it.
 * 2. A room is there while somebody listens in it.
 */
export type Hear = (text: string) => void;

export class Rooms {
  readonly #rooms = new Map<string, Set<Hear>>();

  /** @returns how to leave */
  enter(name: string, hear: Hear): () => void {
    const room = this.#rooms.get(name) ?? new Set<Hear>();
    this.#rooms.set(name, room.add(hear));
    return () => {
      room.delete(hear);
      if (room.size === 0 && this.#rooms.get(name) === room) this.#rooms.delete(name);
    };
  }

  /** @returns to how many it was sent */
  say(name: string, message: Readonly<Record<string, unknown>>): number {
    const room = this.#rooms.get(name) ?? new Set<Hear>();
    const text = JSON.stringify({ ...message, listeners: room.size });
    for (const hear of room) hear(text);
    return room.size;
  }
}
