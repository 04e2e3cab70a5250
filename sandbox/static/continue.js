// With script nobody has to press Continue; without it the button is there.
document.getElementById("return").submit();
