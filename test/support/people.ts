/** The people in every test, whose names and roles never change, and their world: the same as `sayso seed` makes. */
export * from '../../src/seed/world.js';
