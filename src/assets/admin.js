/** What makes the staff's pages quicker to use; every page is complete without it. */
export {};
