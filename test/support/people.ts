/** The people of every test, whose names and roles never change, and the world that they live in: the same as `sayso seed` makes. */
export * from '../../src/seed/world.js';
