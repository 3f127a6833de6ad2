/**
 * The fast provider on CPUs: 32-bit floats in host memory, GEMM by the BLAS that ND4J brought, the
 * rest plain Java loops over {@code float[]} copies of rows, which C2 vectorises without flags.
 */
package org.gpt2j.nn.cpu;
