// Package proof holds the tests that look at package mss as a whole, from outside.
// It exports nothing and no program imports it. Its files are
//
//	model_test.go      every rule a second time, slow and obvious
//	reference_test.go  the same stories played on the package and on the model
//	property_test.go   what must hold for whatever is bought, and when
//	fuzz_test.go       what must hold for any input at all
//	vectors_test.go    figures of others, and the price lists before today's
//	bench_test.go      how long each operation takes, against a baseline
//	compat_test.go     the exported surface and stored documents, against files
//	readme_test.go     what the READMEs show, against what really happens
//	helper_test.go     random plans, terms, days and zones
package proof
