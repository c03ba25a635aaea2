//go:build race

package mss_test

// raceEnabled is true under the race detector, where the long tests take a sample.
const raceEnabled = true
