/**
 * GPT-2 as transformers defines it (models/gpt2/modeling_gpt2.py, 5.18.0): the same names, files
 * and results, computed on packed batches.
 */
package org.gpt2j.model;
