import { World, type WorldSetup } from './world.js';

/** Pages that are open at the same time; the one that was used least recently makes room. */
const MOST = 12;

/** The worlds of the pages that are open. */
export class Worlds {
  private readonly open = new Map<string, World>();
  private isClosed = false;

  async add(setup: WorldSetup): Promise<World> {
    const world = await World.open(setup);
    if (this.isClosed) await world.close();
    this.open.set(world.id, world);
    const [oldest] = this.open.values();
    if (this.open.size > MOST) await this.remove(oldest!);
    return world;
  }

  get(id: string): World | undefined {
    const world = this.open.get(id);
    if (world) {
      this.open.delete(id);
      this.open.set(id, world);
    }
    return world;
  }

  async remove(world: World): Promise<void> {
    this.open.delete(world.id);
    await world.close();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.open.values()].map((world) => this.remove(world)));
  }
}
