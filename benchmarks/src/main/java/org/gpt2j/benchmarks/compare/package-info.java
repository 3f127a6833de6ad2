/**
 * Our side of {@code benchmarks/compare.py}: a process that does one kind of work and is told by
 * lines on its standard input when to do it.
 */
package org.gpt2j.benchmarks.compare;
