/** What a training logged, for the eye: TensorBoard's event files, and charts as PDF and PNG. */
package org.gpt2j.training.report;
