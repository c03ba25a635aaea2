// Package columns has no code but its tests: each type of mss that can be a column of a
// database is stored and read back, in SQLite and in PostgreSQL, by the drivers and
// libraries that services use. It is a module of its own so that mss does not depend on
// them.
package columns
