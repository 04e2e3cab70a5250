/* The stand-in for https://cdn.razorpay.com/static/cx/razorpay-risk-detection/bundle.js, which checkout.js loads. */
window.RazorpaySandboxRisk = true;
